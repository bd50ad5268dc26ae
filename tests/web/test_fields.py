"""Fields: what comes in is cleaned, what was typed stays, what is wrong is one sentence at its place."""

from datetime import date, time
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import DataRequired, Optional

from tests.document import Node, read
from web import assets, icons
from web.fields import (
    BooleanConsent,
    BooleanField,
    ChoiceField,
    CodeField,
    ColourField,
    DateField,
    EmailField,
    HiddenField,
    MultiChoice,
    NumberField,
    PasswordField,
    PhoneField,
    SelectField,
    TextArea,
    TextField,
    TimeField,
    clean_text,
    stepped,
)


class Everything(Form):
    """One of each."""

    name = TextField("Name", [DataRequired("Enter your name.")], max_length=10)
    company = TextField("Company", [Optional()], description="As on the door.")
    phone = PhoneField("Phone")
    mail = EmailField("Mail")
    code = CodeField("Code", digits=6)
    badge = CodeField("Badge", digits=5, letters=True)
    password = PasswordField("Password")
    about = TextArea("About", max_length=20)
    companions = NumberField("People with you", min=0, max=20, blank=0)
    purpose = ChoiceField(
        "Purpose", [DataRequired("Choose one.")], choices=[("a", "Meeting", "handshake"), ("b", "Works")]
    )
    role = SelectField("Role", choices=[("x", "Lead")], blank="None")
    languages = MultiChoice("Languages", choices=[("en", "English"), ("ar", "العربية")])
    shared = BooleanField("Shared device")
    visit = BooleanConsent("Record the visit", must=True, description="90 days.")
    photo = BooleanConsent("Photo")
    opens = TimeField("Opens")
    day = DateField("Day")
    brand = ColourField("Colour")
    after = HiddenField()


GOOD = {"name": "Ann", "purpose": "a", "visit": "1"}


@pytest.fixture(scope="module", autouse=True)
def tiny_app():
    app = Flask("tiny", root_path=str(Path(__file__).resolve().parents[2]), static_folder=None)
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    Babel(app)
    icons.init_app(app)
    assets.init_app(app)
    with app.test_request_context("/"):
        yield app


def form(**typed) -> Everything:
    return Everything(MultiDict({**GOOD, **typed}))


def refused(field: str, **typed) -> str:
    """The one sentence at the field."""
    filled = form(**typed)
    assert not filled.validate()
    (sentence,) = filled[field].errors
    return sentence


def drawn(field, **given) -> Node:
    return read(str(field(**given)))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann  ", "Ann"),
        ("\u200e\u202eAnn\u202c \u2069", "Ann"),
        ("\ufeff\u200b", ""),
        (" \t\r\n ", ""),
        ("Ann\tSample\nHouse", "Ann Sample House"),
        ("A\x00n\x07n\x1b\x7f\x85", "Ann"),
        ("e\u0301", "é"),
        ("王五 👩‍👩‍👧", "王五 👩‍👩‍👧"),
        ("O'Brien <script>", "O'Brien <script>"),
        ("=1+1", "=1+1"),
        ("א\u200fב", "א\u200fב"),
    ],
)
def test_nothing_stays_that_nobody_typed_on_purpose(typed, kept):
    assert clean_text(typed) == kept


def test_only_a_text_area_keeps_its_lines():
    assert clean_text("one\r\ntwo\rthree\n\n", newlines=True) == "one\ntwo\nthree"


def test_what_is_too_long_is_told_with_both_numbers_and_kept():
    assert refused("name", name="x" * 12) == "At most 10 characters, now 12."
    filled = form(name="x" * 10_000)
    filled.validate()
    assert drawn(filled.name).select_one("input")["value"] == "x" * 10_000


def test_blanks_alone_are_nothing():
    assert refused("name", name=" \u200f\t ") == "Enter your name."


def test_a_field_without_error_has_label_control_and_description():
    html = drawn(form().company)
    control = html.select_one("input")
    assert html.select_one("label")["for"] == control["id"] == control["name"] == "company"
    assert html.select_one(".hint").text == "optional"
    assert control["aria-describedby"] == "company-d" == html.select_one("p.hint")["id"]
    assert not html.select(".err")
    assert not control.has_attr("aria-invalid")


def test_an_error_stands_between_label_and_input_and_is_read_with_it():
    filled = form(name="")
    filled.validate()
    html = drawn(filled.name)
    assert [child.name for child in html.select_one("div").children] == ["label", "p", "input"]
    assert html.select_one("input")["aria-invalid"] == "true"
    assert html.select_one("input")["aria-describedby"] == html.select_one("p")["id"] == "name-e"


def test_ids_follow_the_prefix_so_that_two_forms_share_a_page():
    html = drawn(Everything(prefix="b").name)
    control = html.select_one("input")
    assert control["id"] == control["name"] == html.select_one("label")["for"] == "b-name"


def test_what_was_typed_is_escaped():
    html = str(form(name="<b>'\"").name())
    assert "<b>" not in html
    assert drawn(form(name="<b>'\"").name).select_one("input")["value"] == "<b>'\""


def test_a_shared_kiosk_switches_autocomplete_off_in_one_place():
    assert drawn(form().mail).select_one("input")["autocomplete"] == "email"
    kiosk = Everything(MultiDict(GOOD), meta={"autocomplete": "off"})
    controls = [drawn(kiosk[name]).select_one("input") for name in ("name", "phone", "mail", "companions")]
    assert {control["autocomplete"] for control in controls} == {"off"}


def test_a_view_may_add_attributes_when_it_draws():
    assert drawn(form().name, hx_get="/x", placeholder="Ann").select_one("input")["hx-get"] == "/x"


@pytest.mark.parametrize("typed", ["１３８ ００１３ ８０００", "138 0013 8000", "\u2066١٣٨ ٠٠١٣ ٨٠٠٠\u2069"])
def test_a_phone_number_in_any_digits_is_read(typed):
    assert form(phone=typed).phone.data == "138 0013 8000"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("12345", "6 digits, now 5."), ("12a456", "Only digits."), ("1" * 200, "At most 120 characters, now 200.")],
)
def test_a_code_that_cannot_be_one_is_told_why(typed, sentence):
    assert refused("code", code=typed) == sentence


def test_a_code_may_be_typed_in_groups_and_asks_for_digits():
    filled = form(code=" 123-456 ", badge="a-017 k")
    assert filled.validate()
    assert (filled.code.data, filled.badge.data) == ("123456", "A017K")
    assert drawn(filled.code).select_one("input")["inputmode"] == "numeric"
    assert drawn(filled.code).select_one("input")["autocomplete"] == "one-time-code"


def test_a_password_keeps_its_blanks_and_is_never_shown_again():
    filled = form(password=" pass word ")
    assert filled.password.data == " pass word "
    html = drawn(filled.password)
    assert html.select_one("input")["type"] == "password"
    assert not html.select_one("input").has_attr("value")
    assert "pass word" not in str(html)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("two", "Enter a whole number."),
        ("-1", "At least 0."),
        ("21", "At most 20."),
        ("9" * 30, "Enter a whole number."),
        ("1.5", "Enter a whole number."),
    ],
)
def test_a_number_outside_its_bounds_is_told_and_shown_again(typed, sentence):
    assert refused("companions", companions=typed) == sentence
    filled = form(companions=typed)
    assert drawn(filled.companions).select_one("input")["value"] == typed


def test_a_stepper_gives_one_more_or_less_within_its_bounds_and_validates_nothing():
    for typed, step, shown in [
        ("1", "1", "2"),
        ("1", "-1", "0"),
        ("0", "-1", "0"),
        ("20", "1", "20"),
        ("", "1", "1"),
        ("x", "1", "1"),
    ]:
        filled = form(companions=typed, step=f"companions:{step}", name="")
        assert stepped(filled)
        assert drawn(filled.companions).select_one("input")["value"] == shown
    assert not stepped(form(companions="1"))
    assert not stepped(form(companions="1", step="others:1"))


def test_the_buttons_of_a_stepper_send_the_form_and_say_what_they_do():
    html = drawn(form().companions, less="One person less", more="One person more", action="/kiosk/details")
    less, more = html.select("button")
    assert (less["name"], less["value"], more["value"]) == ("step", "companions:-1", "companions:1")
    assert less["aria-label"] == "One person less"
    assert less["hx-target"] == less["hx-select"] == f"#{html.select_one('div')['id']}"
    assert not drawn(form().companions).select("[hx-post]")


def test_only_what_was_offered_can_be_chosen():
    assert refused("purpose", purpose="z") == "Choose one of those shown."
    assert refused("purpose", purpose="") == "Choose one."
    assert refused("role", role="boss") == "Choose one of those shown."
    assert refused("languages", languages="tlh") == "Choose only from those shown."


def test_choices_are_a_named_group_whose_error_leads_to_the_first():
    filled = form(purpose="")
    filled.validate()
    html = drawn(filled.purpose)
    assert html.select_one("fieldset")["role"] == "radiogroup"
    assert html.select_one("fieldset")["aria-describedby"] == html.select_one("legend .err")["id"]
    assert filled.purpose.anchor == html.select_one("input")["id"] == "purpose-0"
    assert not html.select("[checked]")


def test_several_may_be_chosen_once_each():
    filled = Everything(MultiDict([*GOOD.items(), ("languages", "en"), ("languages", "ar"), ("languages", "en")]))
    assert filled.validate()
    assert filled.languages.data == ["en", "ar"]
    assert len(drawn(filled.languages).select("[checked]")) == 2


def test_a_list_that_opens_offers_none_first():
    html = drawn(form(role="x").role)
    assert [(each["value"], each.has_attr("selected")) for each in html.select("option")] == [("", False), ("x", True)]
    assert form(role="").role.data is None


def test_a_consent_is_never_ticked_beforehand_and_the_required_one_is_asked_for():
    filled = Everything()
    for field in (filled.visit, filled.photo):
        assert not drawn(field).select_one("input").has_attr("checked")
    assert drawn(filled.visit).select_one(".tag").text == "Required"
    assert drawn(filled.photo).select_one(".tag").text == "Voluntary"
    assert refused("visit", visit="") == "Tick this to go on, or ask the reception."
    assert form(photo="").validate()


def test_days_times_and_colours_are_read_or_told_how_to_write_them():
    filled = form(day="2025-11-21", opens="9:30", brand="#1B5566", shared="1")
    assert filled.validate()
    assert (filled.day.data, filled.opens.data, filled.brand.data, filled.shared.data) == (
        date(2025, 11, 21),
        time(9, 30),
        "#1b5566",
        True,
    )
    assert refused("day", day="21.11.2025") == "Enter a date such as 2025-11-21."
    assert refused("opens", opens="25:00") == "Enter a time such as 09:30."
    assert refused("brand", brand="red") == "Enter a colour as # and six digits, such as #1b5566."


def test_what_the_browser_s_own_control_cannot_hold_is_shown_again_as_text():
    filled = form(day="soon", brand="red")
    filled.validate()
    day = drawn(filled.day).select_one("input")
    assert (day["type"], day["value"]) == ("text", "soon")
    assert drawn(filled.brand).select_one("input")["type"] == "text"


def test_values_of_the_record_are_written_as_the_controls_want_them():
    filled = Everything(data={"day": date(2025, 1, 2), "opens": time(9), "companions": 3, "about": "one\ntwo"})
    assert drawn(filled.day).select_one("input")["value"] == "2025-01-02"
    assert drawn(filled.opens).select_one("input")["value"] == "09:00"
    assert drawn(filled.companions).select_one("input")["value"] == "3"
    assert drawn(filled.about).select_one("textarea").text.lstrip("\n") == "one\ntwo"


def test_a_hidden_value_is_cleaned_and_limited_too():
    assert form(after=" /desk\x00 ").after.data == "/desk"
    assert refused("after", after="x" * 3000) == "At most 2000 characters, now 3000."
