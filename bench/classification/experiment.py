"""Runs one experiment in this process: `python -m bench.classification.experiment TASK_AS_JSON`.

The last line that it prints is the Outcome as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

from bench.classification.finetune import learn_by_fine_tuning
from bench.classification.frozen import learn_frozen
from bench.classification.lesson import Lesson, Method, Scores
from bench.classification.nearest import learn_nearest_mean
from bench.classification.ours import learn_with_lensmith
from bench.classification.results import ALL, Experiment, Outcome
from bench.classification.sets import Truth, few_a_label, read_set, truth_of
from bench.isolated import answer
from lensmith.evaluation.evaluation import evaluate_classifier

METHODS: dict[str, Method] = {
    "lensmith": learn_with_lensmith,
    "frozen": learn_frozen,
    "nearest": learn_nearest_mean,
    "finetune": learn_by_fine_tuning,
}


@dataclass(frozen=True, slots=True)
class Task:
    experiment: Experiment
    folder: str
    threads: int


def main() -> None:
    answer(Task, carry_out)


def carry_out(task: Task) -> Outcome:
    """Train on the part of the set that the experiment names, judge on all test pictures."""
    experiment, images = task.experiment, read_set(Path(task.folder))
    training = images.training
    if experiment.size != ALL:
        training = tuple(few_a_label(training, int(experiment.size), experiment.seed))
    lesson = Lesson(
        images.labels,
        training,
        tuple(one.image for one in images.testing),
        images.exclusive,
        experiment.seed,
        task.threads,
    )
    learnt = METHODS[experiment.method](lesson)
    truth = truth_of(images.testing, len(images.labels))
    return Outcome(
        experiment=experiment,
        pictures=len(training),
        labels=len(images.labels),
        exclusive=images.exclusive,
        macro_f1=evaluate_classifier(images.labels, learnt.scores, truth).f1_score,
        score=score_of(learnt.scores, truth, images.exclusive),
        seconds=round(learnt.seconds, 1),
        cpu_seconds=round(learnt.cpu_seconds, 1),
        threads=task.threads,
    )


def score_of(scores: Scores, truth: Truth, exclusive: bool) -> float:
    """Top-1 accuracy, or scikit-learn's average precision averaged over the tested labels."""
    if exclusive:
        return float(truth[np.arange(len(truth)), scores.argmax(1)].mean())
    tested = truth.any(0)
    return float(average_precision_score(truth[:, tested], scores[:, tested], average="macro"))


if __name__ == "__main__":
    main()
