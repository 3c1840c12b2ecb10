"""Reads and checks a template with cfn-lint: `python -m lensmith.cloudformation.check REGION`.

In a process of its own: templates are hostile, and cfn-lint takes 200 MB and a second.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

_CPU_SECONDS = 30
_MEMORY_BYTES = 3 << 30
_MAX_FAULTS = 20
_DATES = "AWSTemplateFormatVersion"  # YAML reads one as a date


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    json.dump(check(sys.stdin.read(), sys.argv[1]), sys.stdout, default=str)


def check(text: str, region: str) -> dict[str, Any]:
    """Return the template with the long forms of intrinsic functions, and its faults."""
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs
    from cfnlint.decode import decode_str

    template, faults = decode_str(text)
    if faults or not isinstance(template, dict):
        messages = [one.message for one in faults] or ["it must be a mapping"]
        return {"template": None, "faults": [f"Template format error: {each}" for each in messages]}
    if _DATES in template:
        template[_DATES] = str(template[_DATES])
    if _directs(template):
        return {"template": template, "faults": ["Metadata of cfn-lint is not supported."]}
    config = ManualArgs(regions=[region])
    found = [one for one in lint(text, config=config) if one.rule.severity == "error"]
    return {"template": template, "faults": [_fault(one) for one in found[:_MAX_FAULTS]]}


def _directs(template: dict[str, Any]) -> bool:
    """Return whether a template changes how it is checked."""
    resources = template.get("Resources")
    holders = [template, *(resources.values() if isinstance(resources, dict) else ())]
    found = [one.get("Metadata") for one in holders if isinstance(one, dict)]
    return any(isinstance(one, dict) and "cfn-lint" in one for one in found)


def _fault(one: Any) -> str:
    path = "/".join(str(part) for part in one.path or ())
    return f"{one.message} (line {one.linenumber}, /{path})"


if __name__ == "__main__":
    main()
