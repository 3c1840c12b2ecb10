"""Operations of CloudFormation."""
