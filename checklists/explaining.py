"""A result in words: every number leads to a sentence that says why.

The sentences are those of `words.yaml`, frozen with the edition; this module only chooses and
fills them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checklists.model import (
    Answer,
    Catalog,
    Explained,
    Line,
    RequirementResult,
    Result,
    Step,
    StepWords,
    Text,
    Value,
    Words,
)
from checklists.states import open_questions

MINUS = "\N{MINUS SIGN}"


def in_language(text: Text, lang: str) -> str:
    """Return a text in a language; a missing third one falls back to English, then German."""
    return text.get(lang) or text.get("en") or text["de"]


def explain(result: Result, catalog: Catalog, lang: str) -> tuple[Line, ...]:
    """Return one line per requirement, in catalog order: its points and why."""
    return tuple(
        Line(line.id, line.rule, line.points, _sentence(catalog, item, line, lang))
        for item, line in zip(result.requirements, result.explain, strict=True)
    )


def say_statement(
    result: Result, catalog: Catalog, answers: Mapping[str, Answer], lang: str
) -> str:
    """Return the sentence that sums the result up, for example how many questions are open."""
    key = result.statement
    counts = result.counts
    number = counts["partly"] + counts["not_met"] + counts["unknown"]
    if key == "incomplete":
        number = len(open_questions(catalog, answers))
    elif result.scheme == "first_steps":
        key = f"first_{key}"
    elif key == "top_gaps":
        number = len(result.top_open)
    counted = catalog.words.statements[key]
    text = in_language(counted.one if number == 1 else counted.many, lang)
    spelled = _spelled(catalog.words, number, lang)
    return text.format(n=spelled, N=spelled[:1].upper() + spelled[1:])


def say_step(step: Step, catalog: Catalog, answers: Mapping[str, Answer], lang: str) -> StepWords:
    """Return a step in words; where nobody knows the answer yet, the step is to ask.

    Whom to ask is what the person wrote (`Answer.ask`), else the first role that will know.
    """
    words = catalog.words
    measure = catalog.measure(step.measure)
    title, text = in_language(measure.title, lang), in_language(measure.first_step, lang)
    if "ASK_FIRST" in step.because:
        part = next(part for part in catalog.parts if part.id == step.parts[0])
        given = next((answers[key].ask for key in step.parts if answers[key].ask), "")
        text = in_language(words.steps["ask_text"], lang).format(
            question=in_language(part.text, lang), measure=title
        )
        # A name that somebody typed stands as it is; a role is in the form that fits the sentence.
        title = in_language(words.steps["ask_named" if given else "ask_title"], lang).format(
            short=in_language(part.short, lang),
            whom=given or in_language(words.roles[part.knows[0]].ask, lang),
        )
    return StepWords(
        measure.id,
        title,
        text,
        done_when=in_language(measure.done_when, lang),
        when=in_language(words.when[step.when], lang),
        top="TOP" in step.because,
        because=tuple(in_language(words.because[code], lang) for code in step.because),
        safety="" if measure.safety is None else in_language(words.safety[measure.safety], lang),
    )


def name_roles(words: Words, roles: Iterable[str], lang: str) -> str:
    """Return who will know, for example "Ihr IT-Dienstleister oder wer bei Ihnen die IT macht"."""
    names = [in_language(words.roles[role].name, lang) for role in roles]
    either = in_language(words.steps["or"], lang)
    return f" {either} ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _sentence(catalog: Catalog, item: RequirementResult, line: Explained, lang: str) -> str:
    decided = {part: value for part, value in item.parts.items() if _decided(item.state, value)}
    match item.state:
        case "not_applicable":
            return _left_out(catalog, item, line, lang)
        case "open":
            return _open(catalog, item, decided, lang)
        case _:
            return _given(catalog, item, decided, lang)


def _given(
    catalog: Catalog, item: RequirementResult, decided: Mapping[str, Value | None], lang: str
) -> str:
    def word(value: Value | None) -> str:
        return in_language(catalog.words.answers[value or "open"], lang)

    pieces = catalog.words.explain
    answers = [(in_language(_short(catalog, part), lang), word(v)) for part, v in decided.items()]
    facts = {"title": in_language(catalog.requirement(item.id).title, lang)}
    met = "met" if item.state == "met" else "gap"
    if item.points is None or item.points_max is None:
        key = f"first_{met}"
        facts["answer"] = ", ".join(answer for _, answer in answers)
    else:
        key = f"{met}{'_top' if item.top else ''}_{'one' if len(answers) == 1 else 'many'}"
        facts |= {"points": _signed(item.points), "best": _signed(item.points_max)}
        pattern = in_language(pieces["item"], lang)
        facts["list"] = ", ".join(
            pattern.format(short=short, answer=answer) for short, answer in answers
        )
        facts["short"], facts["answer"] = answers[0]
    return in_language(pieces[key], lang).format(**facts)


def _decided(state: str, value: Value | None) -> bool:
    """Say whether an answer belongs into the sentence about a requirement in this state."""
    match state:
        case "met":
            return value is Value.YES
        case "open":
            return value is None
        case _:
            return value not in (Value.YES, Value.NOT_APPLICABLE)


def _open(
    catalog: Catalog, item: RequirementResult, decided: Mapping[str, Value | None], lang: str
) -> str:
    requirement = catalog.requirement(item.id)
    title = in_language(requirement.title, lang)
    pieces = catalog.words.explain
    shorts = [in_language(_short(catalog, part), lang) for part in decided]
    if item.points_max is None:
        return in_language(pieces["first_open"], lang).format(title=title)
    if not shorts:  # every part is answered, only the gate is not
        gates = (requirement.gate, *(part.gate for part in requirement.parts))
        gate = catalog.question(next(gate for gate in gates if gate is not None))
        return in_language(pieces["open_gate"], lang).format(
            title=title, gate=in_language(gate.text, lang)
        )
    if len(shorts) == 1:
        return in_language(pieces["open_one"], lang).format(title=title, short=shorts[0])
    pattern = in_language(pieces["item_open"], lang)
    listed = ", ".join(pattern.format(short=short) for short in shorts)
    return in_language(pieces["open_many"], lang).format(title=title, list=listed)


def _left_out(catalog: Catalog, item: RequirementResult, line: Explained, lang: str) -> str:
    title = in_language(catalog.requirement(item.id).title, lang)
    question = catalog.question(line.because[0].partition("=")[0])
    pieces = catalog.words.explain
    for part in catalog.requirement(item.id).parts:
        if part is question and part.na is not None:
            return in_language(pieces["left_out_part"], lang).format(
                title=title, reason=in_language(part.na, lang)
            )
    return in_language(pieces["left_out_gate"], lang).format(
        title=title, gate=in_language(question.text, lang)
    )


def _short(catalog: Catalog, part_id: str) -> Text:
    return next(part.short for part in catalog.parts if part.id == part_id)


def _signed(points: int) -> str:
    """Return points as people write them: +3, 0, and a real minus sign."""
    if points > 0:
        return f"+{points}"
    return f"{MINUS}{-points}" if points else "0"


def _spelled(words: Words, number: int, lang: str) -> str:
    spelled = words.numbers.get(lang) or words.numbers["en"]
    return spelled[number - 1] if 0 < number <= len(spelled) else str(number)
