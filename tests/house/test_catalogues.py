"""The catalogues of sentences: complete, true to the source's placeholders, and about the source as it is now."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po

from scripts.strings import KEYWORDS, ROOT, SOURCE, for_visitors
from web.i18n import STAFF_LANGUAGES, VISITOR_LANGUAGES

LANGUAGES = sorted({*STAFF_LANGUAGES, *VISITOR_LANGUAGES} - {SOURCE})
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
AFTERWARDS = "Run `make strings` and translate what it reports."


@cache
def catalogue(language: str) -> Catalog:
    """The sentences of one language as they stand in the tree."""
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def source() -> Catalog:
    """Every sentence that is marked in the source now, with its files; what `make strings` writes into the template."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    words = {**DEFAULT_KEYWORDS, **parse_keywords(KEYWORDS)}
    found = Catalog()
    for file_name, line, message, _comments, context in extract_from_dir(ROOT, methods, options, keywords=words):
        found.add(message, None, [(file_name, line)], context=context)
    return found


def sentences(whole: Catalog) -> list[Message]:
    """The messages of a catalogue without its header."""
    return [message for message in whole if message.id]


def keys(whole: Catalog) -> set[tuple[str | None, str | tuple[str, ...]]]:
    """What tells sentences apart: context and text, the plural included."""
    return {
        (message.context, tuple(message.id) if isinstance(message.id, list | tuple) else message.id)
        for message in sentences(whole)
    }


def forms(text: object) -> list[str]:
    """The singular and the plurals of a sentence, or the one sentence."""
    return [str(part) for part in text] if isinstance(text, list | tuple) else [str(text or "")]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language):
    empty = [message.id for message in sentences(catalogue(language)) if not all(forms(message.string))]
    assert empty == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language):
    assert [message.id for message in sentences(catalogue(language)) if message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_sentence(language):
    wrong = {}
    for message in sentences(catalogue(language)):
        allowed = [placeholders(form) for form in forms(message.id)]
        # A plural form may say "one" in words; it then has what one of the source's forms has.
        for form in forms(message.string):
            if placeholders(form) not in allowed:
                wrong[str(message.id)] = form
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_the_sentences_of_the_source(language):
    wanted = keys(source() if language in STAFF_LANGUAGES else for_visitors(source()))
    there = keys(catalogue(language))
    assert wanted - there == set(), f"{language} misses sentences. {AFTERWARDS}"
    assert there - wanted == set(), f"{language} has sentences that nobody says any more. {AFTERWARDS}"


def test_chinese_says_a_thing_with_the_word_of_the_domain():
    """The table of words in docs/glossary.md, where one English word once swallowed two Chinese ones."""
    said = {message.id: message.string for message in catalogue("zh_Hans") if not message.context}
    words = {"Name": "姓名", "People": "人员", "Used for": "用途", "Overstaying": "超时未离开"}
    words |= {"Not seen leaving": "未见人确认", "Waiting": "等候", "Expected": "预计", "In the building": "在楼内"}
    assert {word: said[word] for word in words} == words


def test_the_source_speaks_english():
    """The sentence in the source is English; a Chinese one would be shown to everybody."""
    chinese = [form for message in sentences(source()) for form in forms(message.id) if CHINESE.search(form)]
    assert chinese == []
