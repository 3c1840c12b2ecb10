"""The table of codes against what clients read."""

from __future__ import annotations

from lensmith.manifest.line.finding import Code, Finding, Level


def test_messages_are_sentences_without_trailing_space() -> None:
    assert all(code.message == code.message.strip() and code.message[-1] == "." for code in Code)


def test_only_findings_of_a_line_have_a_level() -> None:
    with_level = {code.name for code in Code if code.level is not None}

    assert len(with_level) == 17 + 3
    assert {code.name for code in Code if code.is_warning} < with_level


def test_the_message_names_the_attribute_as_it_is() -> None:
    finding = Finding(Code.ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT, "{}{0}")

    assert finding.code.level is Level.ATTRIBUTE
    assert finding.report()["message"] == "The format of the label attribute {}{0} is invalid."
