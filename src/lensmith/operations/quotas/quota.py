"""The quotas of Custom Labels, as Service Quotas lists them."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.config import Quotas

SERVICE_CODE = "rekognition"
SERVICE_NAME = "Amazon Rekognition"


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota: its code here, its name, and the setting with its value.

    The codes are Lensmith's own: those of AWS are not documented for Custom Labels.
    """

    code: str
    name: str
    setting: str  # field of `Quotas`
    unit: str = "None"

    def value(self, quotas: Quotas) -> float:
        return float(getattr(quotas, self.setting))


QUOTAS = tuple(
    sorted(
        (
            Quota("L-CL000001", "Custom Labels projects per account", "projects_per_account"),
            Quota("L-CL000002", "Custom Labels model versions per project", "versions_per_project"),
            Quota("L-CL000003", "Custom Labels concurrent training jobs", "concurrent_trainings"),
            Quota("L-CL000004", "Custom Labels running models per account", "running_models"),
            Quota("L-CL000005", "Custom Labels inference units per model", "units_per_model"),
            Quota("L-CL000006", "Custom Labels images per dataset", "dataset_entries"),
            Quota("L-CL000007", "Custom Labels manifest file size", "manifest_bytes", unit="Bytes"),
            Quota("L-CL000008", "Custom Labels unique labels per dataset", "labels"),
            Quota("L-CL000009", "Custom Labels policies per project", "policies_per_project"),
            Quota(
                "L-CL000010",
                "Custom Labels concurrent copy jobs",
                "concurrent_copies",
            ),
        ),
        key=lambda quota: quota.code,
    )
)
