"""Condition keys that may stand in a policy, by AWS's Service Authorization Reference.

Of the services that are served here, a key either has its value in every request that has one, or
is about a thing that no request here has, as on AWS without that thing. Any other key under their
prefixes would never match, so that a Deny on it would not count: it is refused.
"""

from __future__ import annotations

from enum import Enum


class KeyUse(Enum):
    """Says where the value of a condition key comes from."""

    VALUED = "each request that has such a thing gives its value"
    ABSENT = "no request has such a thing here"


# A key that ends with / or : stands for all that begin so.
_VALUED = """
    aws:CurrentTime aws:EpochTime aws:FederatedProvider aws:MultiFactorAuthPresent
    aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService aws:PrincipalTag/
    aws:PrincipalType aws:referer
    aws:RequestedRegion aws:RequestTag/ aws:ResourceAccount aws:ResourceTag/ aws:SecureTransport
    aws:SourceIp aws:TagKeys aws:TokenIssueTime aws:UserAgent aws:userid aws:username
    aws:ViaAWSService
    s3:authType s3:delimiter s3:ExistingObjectTag/ s3:if-match s3:if-none-match
    s3:locationconstraint s3:max-keys s3:object-lock-legal-hold s3:object-lock-mode
    s3:object-lock-remaining-retention-days s3:object-lock-retain-until-date
    s3:ObjectCreationOperation s3:prefix s3:RequestObjectTag/ s3:RequestObjectTagKeys
    s3:ResourceAccount s3:signatureAge s3:signatureversion s3:TlsVersion s3:versionid s3:x-amz-acl
    s3:x-amz-bucket-namespace s3:x-amz-content-sha256 s3:x-amz-copy-source
    s3:x-amz-grant-full-control s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write
    s3:x-amz-grant-write-acp s3:x-amz-metadata-directive s3:x-amz-object-ownership
    s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id
    s3:x-amz-server-side-encryption-customer-algorithm s3:x-amz-storage-class
    s3:x-amz-website-redirect-location
    kms:BypassPolicyLockoutSafetyCheck kms:CallerAccount kms:CustomerMasterKeySpec
    kms:CustomerMasterKeyUsage kms:EncryptionAlgorithm kms:EncryptionContext:
    kms:EncryptionContextKeys kms:GrantConstraintType kms:GranteePrincipal
    kms:GrantIsForAWSResource kms:GrantOperations kms:KeyOrigin kms:KeySpec kms:KeyUsage
    kms:MultiRegion kms:ReEncryptOnSameKey kms:RequestAlias kms:RetiringPrincipal
    kms:RotationPeriodInDays kms:ScheduleKeyDeletionPendingWindowInDays kms:ViaService
    iam:PermissionsBoundary iam:PolicyARN iam:ResourceTag/
    sts:ExternalId sts:RoleSessionName cloudformation:ChangeSetName
"""
_ABSENT = """
    aws:AssumedRoot aws:CalledVia aws:CalledViaAWSMCP aws:CalledViaFirst aws:CalledViaLast
    aws:ChatbotSourceArn aws:Ec2InstanceSourcePrivateIPv4 aws:Ec2InstanceSourceVpc
    aws:IsMcpServiceAction aws:MultiFactorAuthAge aws:PrincipalOrgID
    aws:PrincipalOrgPaths aws:PrincipalServiceName aws:PrincipalServiceNamesList
    aws:ResourceOrgID aws:ResourceOrgPaths aws:SignInSessionArn aws:SourceAccount aws:SourceArn
    aws:SourceIdentity aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc aws:SourceVpcArn
    aws:SourceVpce aws:ViaAWSMCPService aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths
    aws:VpcSourceIp
    s3:AccessGrantScope s3:AccessGrantsInstanceArn s3:AccessGrantsLocationScope
    s3:AccessPointNetworkOrigin s3:AccessPointTag/ s3:BucketTag/ s3:DataAccessPointAccount
    s3:DataAccessPointArn s3:destinationRegion s3:ExistingJobOperation s3:ExistingJobPriority
    s3:InventoryAccessibleOptionalFields s3:isReplicationPauseRequest s3:JobSuspendedCause
    s3:RequestJobOperation s3:RequestJobPriority
    kms:DataKeyPairSpec kms:ExpirationModel kms:KeyAgreementAlgorithm kms:MacAlgorithm
    kms:MessageType kms:MultiRegionKeyType kms:PrimaryRegion kms:RecipientAttestation:
    kms:ReplicaRegion kms:SigningAlgorithm kms:ValidTo kms:WrappingAlgorithm kms:WrappingKeySpec
    iam:AssociatedResourceArn iam:AWSServiceName iam:DelegationDuration
    iam:DelegationRequestOwner iam:FIDO-certification iam:FIDO-FIPS-140-2-certification
    iam:FIDO-FIPS-140-3-certification iam:NotificationChannel iam:OrganizationsPolicyId
    iam:PassedToService iam:RegisterSecurityKey iam:ServiceSpecificCredentialAgeDays
    iam:ServiceSpecificCredentialServiceName iam:TemplateArn
    sts:AWSServiceName sts:DurationSeconds sts:IdentityTokenAudience sts:RequestContext/
    sts:RequestContextProviders sts:SigningAlgorithm sts:SourceIdentity sts:TaskPolicyArn
    sts:TransitiveTagKeys
    cloudformation:CreateAction cloudformation:ImportResourceTypes cloudformation:ResourceTypes
    cloudformation:RoleArn cloudformation:StackPolicyUrl cloudformation:TargetRegion
    cloudformation:TemplateUrl cloudformation:TypeArn
    cloudwatch:AlarmActions cloudwatch:namespace cloudwatch:requestInsightRuleLogGroups
    cloudwatch:requestManagedResourceARNs
"""
_SERVED = frozenset(
    {"aws", "cloudformation", "cloudtrail", "cloudwatch", "iam", "kms", "rekognition", "s3", "sts"}
)


def _by_key() -> dict[str, KeyUse]:
    return {
        key.lower(): use
        for use, keys in ((KeyUse.VALUED, _VALUED), (KeyUse.ABSENT, _ABSENT))
        for key in keys.split()
    }


_USES = _by_key()
_FAMILIES = tuple(key for key in _USES if key.endswith(("/", ":")))


def require_known(key: str) -> None:
    """Raise ValueError for a key, in lower case, of which a served service gives no value."""
    service = key.partition(":")[0]
    if service in _SERVED and use_of(key) is None:
        raise ValueError(f"this server gives no value of the condition key {key[:128]}")


def known_keys(use: KeyUse) -> frozenset[str]:
    """Return the keys of that use, in lower case."""
    return frozenset(key for key, its in _USES.items() if its is use)


def use_of(key: str) -> KeyUse | None:
    """Return how a key, in lower case, is served; None for one that is not known."""
    found = _USES.get(key)
    if found is not None and key not in _FAMILIES:
        return found
    for family in _FAMILIES:
        if key.startswith(family) and len(key) > len(family):
            return _USES[family]
    return None
