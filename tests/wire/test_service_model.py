from __future__ import annotations

import pytest

from lensmith.domain.errors import OperationError, UnknownOperationException
from lensmith.wire.service_model import (
    CUSTOM_LABELS_OPERATIONS,
    error_codes,
    input_shape,
    operation_named_by,
    output_shape,
)

COMMON = {
    "AccessDeniedException",
    "InvalidParameterException",
    "InternalServerError",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
}


def test_every_operation_is_in_the_model_with_the_common_errors() -> None:
    assert len(set(CUSTOM_LABELS_OPERATIONS)) == 23
    for name in CUSTOM_LABELS_OPERATIONS:
        assert operation_named_by(f"RekognitionService.{name}") == name
        assert input_shape(name).members
        assert output_shape(name).type_name == "structure"
        assert error_codes(name) >= COMMON


def test_every_modelled_error_can_be_raised() -> None:
    modelled = {code for name in CUSTOM_LABELS_OPERATIONS for code in error_codes(name)}
    assert modelled == {error.code for error in OperationError.__subclasses__()}


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "CreateProject",
        "RekognitionService.",
        "RekognitionService.DetectFaces",
        "RekognitionService.createproject",
        "rekognitionservice.CreateProject",
        "RekognitionService.RekognitionService.CreateProject",
    ],
)
def test_other_targets_are_unknown(target: str | None) -> None:
    with pytest.raises(UnknownOperationException, match="Unknown operation"):
        operation_named_by(target)
