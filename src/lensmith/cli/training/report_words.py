"""Words for the codes of a training report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lensmith.domain.training_report import (
    BUNDLED,
    Choice,
    ChoiceReason,
    ClassifierPlan,
    DetectorPlan,
    EndReason,
    MachineShare,
    Method,
    Skipped,
    SkipReason,
    TrainingPlan,
    Trial,
)

ENDINGS = {
    EndReason.ALL_ITERATIONS: "all iterations of the recipe",
    EndReason.LEARNT: "the training pictures are learnt",
    EndReason.OUT_OF_TIME: "the time is used up",
}
METHODS = {
    Method.PROTOTYPES: "prototypes",
    Method.REGRESSION: "regression",
    Method.AVERAGE: "average",
    Method.FINE_TUNING: "fine-tuning",
    Method.FULL_FINE_TUNING: "full fine-tuning",
}
_SKIPPED: dict[SkipReason, Callable[[Skipped], str]] = {
    SkipReason.BUDGET: lambda _: "a larger LENSMITH_TRAINING_BUDGET allows it",
    SkipReason.TIME: lambda _: "the time left is too short",
    SkipReason.HEADS: lambda one: f"no time for {one.number:.0f} more heads",
    SkipReason.LARGER_INPUT: lambda one: (
        f"the time left is too short for an input of {one.number:.0f} pixels a side"
    ),
    SkipReason.FOLDS: lambda one: (
        f"a larger LENSMITH_TRAINING_BUDGET validates on {one.number:.0f} more folds"
    ),
    SkipReason.TOO_SLOW: lambda one: (
        f"it needs about {_minutes(one.number)} minutes here and may take {_minutes(one.limit)}; "
        "LENSMITH_TRAINING_BUDGET allows more"
    ),
    SkipReason.TOO_FEW_PICTURES: lambda one: f"it needs {one.number:.0f} pictures",
    SkipReason.TOO_FEW_PICTURES_A_LABEL: lambda one: f"it needs {one.number:.0f} pictures a label",
    SkipReason.NOTHING_HELD_OUT: lambda _: "it needs pictures to be validated on",
    SkipReason.NOT_NEEDED: lambda _: "it was not needed",
    SkipReason.DIVERGED: lambda one: f"its training diverged at iteration {one.number:.0f}",
    SkipReason.EXPORT: lambda one: f"the exported model differs from the trained one: {one.detail}",
    SkipReason.NOT_INSTALLED: lambda one: (
        f"{one.detail} is not installed; pip install 'lensmith[hub]' brings it"
    ),
    SkipReason.NO_SUCH_FOLDER: lambda _: (
        "there is no such folder, and a name on the hub looks like owner/model"
    ),
    SkipReason.NOT_ON_THE_HUB: lambda _: "there is no such folder, and the hub knows no such model",
    SkipReason.NO_SUCH_REVISION: lambda _: "the hub knows the model and not this revision",
    SkipReason.GATED: lambda _: (
        "its owner asks for a licence to be accepted on the hub, and for HF_TOKEN"
    ),
    SkipReason.OFFLINE: lambda _: (
        "there is no such folder, the cache lacks it, and HF_HUB_OFFLINE is set"
    ),
    SkipReason.UNREACHABLE: lambda _: (
        "there is no such folder, the cache lacks it, and the hub cannot be reached"
    ),
    SkipReason.HUB_STATUS: lambda one: f"the hub answered with the status {one.number:.0f}",
    SkipReason.DOWNLOAD: lambda one: f"its files could not be fetched ({one.detail})",
    SkipReason.IS_A_DETECTOR: lambda _: (
        "it is an object detector, which only trainings on boxes try"
    ),
    SkipReason.IS_NO_DETECTOR: lambda _: (
        "it is no object detector; only trainings on whole pictures try it"
    ),
    SkipReason.UNUSABLE: lambda one: one.detail,
}


def plan_words(plan: TrainingPlan) -> str | None:
    if plan.classifier is not None:
        return _classifier_plan(plan.classifier)
    return _detector_plan(plan.detector) if plan.detector is not None else None


def machine_words(share: MachineShare) -> str:
    """Describe the machine and what else ran on it."""
    cores = "1 core" if share.cores == 1 else f"{share.cores} cores"
    others = "1 other training" if share.trainings == 1 else f"{share.trainings} other trainings"
    beside = f", shared with {others}: {share.fair_cores:.1f} for each" if share.trainings else ""
    load = "" if share.load is None else f", load {share.load:.1f} when it began"
    used = "" if share.cores_used is None else f"; it had {share.cores_used:.1f} of them"
    return f"{cores}{beside}{load}{used}"


def skipped_words(skipped: Skipped) -> str:
    """Describe the candidate and why it was left out."""
    name = skipped.candidate or (METHODS[skipped.method] if skipped.method else "")
    return f"{name}: {skip_reason_words(skipped)}" if name else skip_reason_words(skipped)


def skip_reason_words(skipped: Skipped) -> str:
    return _SKIPPED[skipped.reason](skipped)


def choice_words(choice: Choice, trials: tuple[Trial, ...]) -> str:
    """Describe the choice and the reason for it."""
    parts = [_chosen(choice, trials)]
    if choice.fine_tuning is not None:
        parts.append(f"fine-tuning was left out: {skip_reason_words(choice.fine_tuning)}")
    if choice.continuation is not None:
        failed = skip_reason_words(choice.continuation)
        parts.append(f"going on with all pictures failed: {failed}")
    return "; ".join(parts)


def method_words(trial: Trial) -> str:
    if trial.method is None:
        return ""
    strength = f", C {trial.strength:g}" if trial.strength is not None else ""
    return METHODS[trial.method] + strength


def size_words(size: tuple[int, int]) -> str:
    width, height = size
    return f"{width} x {height} pixels"


def candidate_words(name: str) -> str:
    """Name in a sentence: of a folder the last part, since rows of the table hold all of it."""
    if name == BUNDLED:
        return "the bundled detector"
    return Path(name).name if Path(name).is_absolute() else name


def _classifier_plan(plan: ClassifierPlan) -> str:
    folds = f"validated on {plan.folds} folds" if plan.folds else "too few pictures to validate on"
    frozen = f"frozen features of {', '.join(plan.backbones)}, {folds}"
    if plan.averaged:
        names = " and ".join(plan.backbones)
        frozen = f"the average of {names}, each with a head on its frozen features, {folds}"
    larger = f"an input of {size_words(plan.larger_input)}" if plan.larger_input else ""
    full = " and full fine-tuning" if plan.full_tuning else ""
    tuning = f"fine-tuning{full}, validated on {plan.tuning_folds} of the folds"
    more = ", ".join(filter(None, (larger, tuning if plan.tuning_folds else "")))
    return f"{frozen}; where they leave something to gain, {more}" if more else frozen


def _detector_plan(plan: DetectorPlan) -> str:
    names = ", ".join(map(candidate_words, plan.detectors))
    return (
        f"{names} and the bundled detector, each trained on {plan.training_pictures} pictures and "
        f"validated on {plan.held_out_pictures} others; then the best, on all "
        f"{plan.training_pictures + plan.held_out_pictures}"
    )


def _chosen(choice: Choice, trials: tuple[Trial, ...]) -> str:
    name = candidate_words(choice.trial.candidate)
    larger = f" at {size_words(choice.trial.input_size)}" if choice.trial.input_size else ""
    chosen = f"{name}{larger}, {method_words(choice.trial)}" if choice.trial.method else name
    match choice.reason:
        case ChoiceReason.ONE_STANDARD_ERROR:
            return (
                f"{chosen}; the plainest head and the strongest backbone within one standard error "
                "of the lowest log loss in cross-validation on the training pictures"
            )
        case ChoiceReason.FEW_PICTURES:
            return f"{chosen}; too few pictures a label to tell which backbone is better"
        case ChoiceReason.LARGER_INPUT:
            return (
                f"{chosen}; its log loss in cross-validation is lower than "
                "at the native input size by more than the standard error of the difference"
            )
        case ChoiceReason.LOG_LOSS:
            return f"{chosen}; {_log_losses(choice, trials)}"
        case ChoiceReason.AVERAGE_PRECISION if choice.runner_up is not None:
            return (
                f"{chosen}, because of an average precision of "
                f"{choice.trial.average_precision or 0.0:.3f} against "
                f"{choice.runner_up.average_precision or 0.0:.3f} of "
                f"{candidate_words(choice.runner_up.candidate)}, on the same "
                f"{choice.trial.pictures} training pictures that neither was trained on; "
                f"{choice.lead or 0.0:g} more are needed to replace the bundled detector"
            )
    return chosen


def _log_losses(choice: Choice, trials: tuple[Trial, ...]) -> str:
    tuned = [one for one in trials if one.method in {Method.FINE_TUNING, Method.FULL_FINE_TUNING}]
    losses = [f"of {method_words(one)} {one.log_loss:.3f}" for one in tuned]
    pictures = tuned[0].pictures if tuned else 0
    rule = "; the plainer fine-tuning where one standard error holds both" if tuned[1:] else ""
    return (
        f"log loss {', '.join(losses)}, of frozen features {choice.baseline_log_loss:.3f}, on the "
        f"same {pictures} pictures that none of them was trained on{rule}"
    )


def _minutes(seconds: float | None) -> str:
    return f"{(seconds or 0.0) / 60:.0f}"
