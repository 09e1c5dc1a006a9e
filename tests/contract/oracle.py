"""
Says what is wrong with a story, given what the server knows.

It shares no judgement with the engine: which submit was taken, what it cost and whether its answer
told anything stands in the simulator's own record.  A story with nothing wrong gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from mjflow import AnswerInDoubt, SubmissionInDoubt, TaskLost
from mjflow.protocol.token import unwrap
from mjflow.simulator import Submit
from tests.contract.chains import Step, Story
from tests.contract.endings import wrong_ending
from tests.contract.stage import Performance, Truth

#: What mjflow sets before a token in `state`.
MARK = "mj1."


def wrongs(performance: Performance) -> list[str]:
    """List all that is wrong, a sentence each."""
    truth = performance.truth
    found = [*_answered_twice(truth), *_token_charged_twice(truth), *_miscounted(performance)]
    found += _unlisted(performance)
    for story in performance.stories:
        for step in story.steps:
            sent = submits_of(step, truth)
            complaints = [*_money(step, sent), *_doubts(step, sent, story, truth)]
            complaints += [*_lost(step, sent), *wrong_ending(step, sent, story, truth)]
            found += [f"{step.mark} ({step.move.name}): {complaint}" for complaint in complaints]
    return found


def submits_of(step: Step, truth: Truth) -> list[Submit]:
    """Give the submits of a step: they carry its mark behind their token."""
    return truth.submits.get(step.mark, [])


# --- paid twice, answered twice ---------------------------------------------------------------


def _answered_twice(truth: Truth) -> Iterator[str]:
    for task_id, times in truth.ledger.answers().items():
        if times > 1:
            yield f"the dialog {task_id} was answered {times} times"


def _token_charged_twice(truth: Truth) -> Iterator[str]:
    for token, submits in truth.ledger.tokens().items():
        for kind in (_creates(submits), _answers(submits)):
            if len(_paid(kind)) > 1:
                yield f"the token {token} was charged {len(_paid(kind))} times"


def _miscounted(performance: Performance) -> Iterator[str]:
    """Compare what the client believes to have paid with a gateway's bill, where it can know it."""
    truth = performance.truth
    outcomes = [step.outcome for story in performance.stories for step in story.steps]
    lost = any(isinstance(outcome, TaskLost) for outcome in outcomes)
    if truth.dialect.name != "gateway" or truth.ledger.unknowable() or lost:
        return
    if truth.spent != truth.ledger.total:
        yield f"the client counts {truth.spent:g} USD, and the bill is {truth.ledger.total:g}"


def _unlisted(performance: Performance) -> Iterator[str]:
    """Compare what the client lists as doubts with what its handles told."""
    outcomes = [step.outcome for story in performance.stories for step in story.steps]
    told = {one.token for one in outcomes if isinstance(one, SubmissionInDoubt)}
    for token in told ^ performance.truth.doubts:
        yield f"the doubt about {token} is {'not listed' if token in told else 'listed, not told'}"


def _money(step: Step, sent: list[Submit]) -> Iterator[str]:
    """A step is one task, whatever number of tokens it took: one charge, and one for its answer."""
    for what, kind in (("submit", _creates(sent)), ("answer", _answers(sent))):
        if len(_paid(kind)) > 1:
            yield f"its {what} was charged {len(_paid(kind))} times"
        silent = [one for one in kind[:-1] if not one.knowable]
        allowed = 1 if what == "submit" and step.move.free else 0
        if len(silent) > allowed:
            yield f"its {what} was sent again after an answer that told nothing"


def _creates(submits: list[Submit]) -> list[Submit]:
    return [one for one in submits if one.act != "modal"]


def _answers(submits: list[Submit]) -> list[Submit]:
    return [one for one in submits if one.act == "modal"]


def _paid(submits: list[Submit]) -> list[Submit]:
    return [one for one in submits if one.charged > 0]


# --- doubt ------------------------------------------------------------------------------------


def _doubts(step: Step, sent: list[Submit], story: Story, truth: Truth) -> Iterator[str]:
    """Doubt is told where it is the truth, and nowhere else."""
    yield from _idle_doubt(step, story, truth)
    last = _creates(sent)[-1:]
    if last and not last[0].knowable:
        yield from _silent_submit(step, last[0], bool(_answers(sent)), truth)
    last = _answers(sent)[-1:]
    if last and not last[0].knowable and not last[0].exists:
        yield from _silent_answer(step, last[0])


def _idle_doubt(step: Step, story: Story, truth: Truth) -> Iterator[str]:
    """Look for doubt about what could be known; a step may have it from one before it."""
    for error in (step.told, step.outcome):
        if not isinstance(error, SubmissionInDoubt):
            continue
        line = [one.mark for one in _line(step, story)]
        about = truth.ledger.tokens().get(MARK + error.token, [])
        wanted = _answers(about) if isinstance(error, AnswerInDoubt) else _creates(about)
        if not wanted or unwrap(wanted[-1].state)[1] not in line:
            yield f"it is in doubt about {error.token}, which is no token of its chain"
        elif wanted[-1].knowable:
            yield f"it is in doubt about {error.token}, of which the server told"


def _silent_submit(step: Step, submit: Submit, answered: bool, truth: Truth) -> Iterator[str]:
    doubted = step.outcome if isinstance(step.outcome, SubmissionInDoubt) else None
    findable = truth.dialect.finds_tokens and submit.exists
    if findable and not _forgotten(submit, truth):
        if doubted is not None and not isinstance(doubted, AnswerInDoubt):
            yield f"the task {submit.task_id} could have been found by its token"
    elif doubted is None and not answered and not findable and not step.move.free:
        yield "nothing told what became of its submit, and no doubt was reported"
    elif doubted is not None and MARK + doubted.token != submit.token:
        yield f"the doubt is about {submit.token}, and it names {doubted.token}"


def _forgotten(submit: Submit, truth: Truth) -> bool:
    """Whether the server soon forgot what came of a submit: it may have been found before."""
    task = truth.tasks.get(submit.task_id or "")
    return task is None or "forgets" in task.fates


def _silent_answer(step: Step, answer: Submit) -> Iterator[str]:
    """
    Check that doubt was told of an answer that never arrived: nobody can know that it did not.

    What was told may be over in the end, when a gateway has given the open dialog up.
    """
    doubts = [one for one in (step.told, step.outcome) if isinstance(one, AnswerInDoubt)]
    if not doubts:
        yield "nothing told what became of its answer, and no doubt was reported"
    elif MARK + doubts[0].token != answer.token:
        yield f"the doubt is about {answer.token}, and it names {doubts[0].token}"


def _line(step: Step, story: Story) -> list[Step]:
    """Give a step with those before it that it builds on."""
    line = [step]
    while line[-1].move.on is not None:
        line.append(story.steps[line[-1].move.on])
    return line


# --- paid, and nobody has it ------------------------------------------------------------------


def _lost(step: Step, sent: list[Submit]) -> Iterator[str]:
    """Whatever was paid is a result, or is named by an error: by its id or by its token."""
    named = {*step.ids, getattr(step.outcome, "task_id", None)}
    # A doubt that was told stays told, whatever becomes of the dialog it was about.
    told = (step.told, step.outcome)
    tokens = {MARK + one.token for one in told if isinstance(one, SubmissionInDoubt)}
    for one in _paid(sent):
        for task_id in (one.task_id, *one.others):
            if task_id not in named and one.token not in tokens:
                yield f"the task {task_id} was paid, and nobody has it"
