"""Refuses calls on what a caller may not know of, whether it exists or not.

Routes name projects, versions and tasks by names, so they find before they authorise. A caller who
may not list the account's projects, nor describe the one that it names, gets one and the same
refusal for what is there and for what is not.
"""

from __future__ import annotations

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import is_authorised
from lensmith.api.request import ApiRequest
from lensmith.domain.arn import ProjectArn
from lensmith.domain.errors import AccessDeniedException, ResourceNotFoundException
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.datasets import to_describe_all

_ARN = "arn:aws:rekognition:"
_OPERATIONS = {
    "CreateDataset": "ImportDataset",
    "DeleteProjectVersion": "CancelTraining",
    "DescribeProjectVersions": (
        "CompareVersions GetActivity GetAdvice GetCapture GetEvaluatedImages GetEvaluation "
        "GetInferenceUnits GetThresholds GetTraining GetVariants"
    ),
    "DetectCustomLabels": (
        "AnalyzeFolder ExportModel GetReview ListAnalyses ListReviewImages RemoveReview "
        "ResumeReview SaveAnswers StartReview WriteReview"
    ),
    "ListDatasetEntries": "CheckHealth GetHealth ListImages SuggestLabels",
    "ListDatasetLabels": "ListLabels",
    "StartProjectVersion": (
        "DeleteThresholds EmptyCapture PutCapture PutThresholds ResizeProjectVersion"
    ),
    "UpdateDatasetEntries": "PutLabels RemoveLabel RenameLabel SaveEntries",
}
_ACTIONS = {
    operation: f"rekognition:{action}"
    for action, operations in _OPERATIONS.items()
    for operation in operations.split()
}
"""The action that an operation needs first; an operation without one is named itself."""


def veiled(
    service: Service,
    principal: Principal,
    sent: ApiRequest,
    operation: str,
    project: str | None,
    error: ResourceNotFoundException | AccessDeniedException,
) -> ResourceNotFoundException | AccessDeniedException:
    """Return the error to answer instead of `error`; `project` is the name in the path."""
    if isinstance(error, AccessDeniedException) and _ARN not in error.message:
        return error
    known = [to_describe_all()]
    if project is not None:
        region, account_id = service.settings.region, principal.caller.account_id
        arn = str(ProjectArn(region, account_id, project, 0))
        known.append(Permission("rekognition:DescribeProjectVersions", arn, {}, {}))
    if any(is_authorised(principal, each, sent, service.settings) for each in known):
        return error
    return AccessDeniedException(
        f"User: {principal.caller.arn} is not authorized to perform: "
        f"{_ACTIONS.get(operation, operation)} on what the request names, or it does not exist."
    )
