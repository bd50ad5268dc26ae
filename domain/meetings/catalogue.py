"""The lists that the site keeps of its service (M3, M4): items with their stock, templates, steps of a sheet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings.orders import hold_items
from domain.meetings.phases import UNSKIPPED, Category
from domain.meetings.runs import house_steps
from domain.meetings.service_models import (
    MOST,
    MOST_STOCK,
    ServiceItem,
    ServiceTemplate,
    StepTemplate,
    TemplateLine,
)
from domain.text import N_

Listed = ServiceItem | ServiceTemplate | StepTemplate
SUBJECTS: dict[type[Any], str] = {
    ServiceItem: "service_item",
    ServiceTemplate: "service_template",
    StepTemplate: "step_template",
}
USUAL: tuple[tuple[str, Category, str, dict[str, Any]], ...] = (
    (N_("Green tea"), Category.DRINK, N_("cups"), {"per_person": True, "every_minutes": 20}),
    (N_("Water"), Category.DRINK, N_("bottles"), {"per_person": True, "stock": 0, "low_at": 24}),
    (N_("Coffee"), Category.DRINK, N_("cups"), {"every_minutes": 30, "stock": 0, "low_at": 20}),
    (N_("Towels"), Category.TOWEL, "", {"per_person": True, "every_minutes": 40}),
    (N_("Name plates"), Category.TABLE, "", {"per_person": True}),
    (N_("Paper and pens"), Category.TABLE, N_("sets"), {"per_person": True, "stock": 0, "low_at": 20}),
    (N_("Screen"), Category.EQUIPMENT, "", {}),
    (N_("Microphones"), Category.EQUIPMENT, "", {}),
    (N_("Video conference"), Category.EQUIPMENT, "", {}),
    (N_("Guide at the door"), Category.GUIDE, "", {}),
    (N_("Parking spaces"), Category.PARKING, "", {}),
)
"""What most catalogues begin with: name, kind, unit, values; the words are translated by who enters them."""


def _record(kind: str, listed: Listed, *, actor: Actor, now: datetime, facts: dict[str, Any]) -> None:
    subject = SUBJECTS[type(listed)]
    events.record(
        f"{subject}.{kind}",
        site_id=listed.site_id,
        subject=subject,
        subject_id=listed.id,
        actor=actor,
        now=now,
        facts=facts,
    )


def _next(model: Any, site_id: int) -> int:
    last = db.session.scalar(select(func.max(model.position)).where(model.site_id == site_id))
    return (last or 0) + 1


def add_item(*, site_id: int, actor: Actor, now: datetime, **values: Any) -> ServiceItem:
    """Put an item into the catalogue; `values` are columns. Raises DomainError without a name."""
    _named(values)
    position = _next(ServiceItem, site_id)
    item = ServiceItem(ref=new_ref(), site_id=site_id, created_at=now, position=position, **values)
    db.session.add(item)
    db.session.flush()
    _record("added", item, actor=actor, now=now, facts={"name": item.name, "stock": item.stock})
    return item


def begin_with(names: Mapping[str, str], *, site_id: int, actor: Actor, now: datetime) -> int:
    """Enter the usual items under these names; returns how many are new."""
    known = set(db.session.scalars(select(ServiceItem.name).where(ServiceItem.site_id == site_id)))
    made = [
        add_item(
            site_id=site_id,
            name=names[name],
            category=category,
            unit=names.get(unit, ""),
            actor=actor,
            now=now,
            **values,
        )
        for name, category, unit, values in USUAL
        if names[name] not in known
    ]
    return len(made)


def _named(values: Mapping[str, Any]) -> None:
    if "name" in values and not values["name"].strip():
        raise DomainError(N_("Enter a name."), field="name")


def change(listed: Listed, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change an item, a template or a step, for what is ordered and laid out from now on. Raises DomainError."""
    if not (isinstance(listed, StepTemplate) and listed.code):
        _named(values)
    changed = [name for name, value in values.items() if getattr(listed, name) != value]
    if isinstance(listed, StepTemplate) and "duty" in changed:
        _keeps_its_duty(listed)
    for name in changed:
        setattr(listed, name, values[name])
    db.session.flush()
    if changed:
        _record("changed", listed, actor=actor, now=now, facts={"changed": changed})


def retire(listed: Listed, *, actor: Actor, now: datetime) -> None:
    """Take it off the list; orders and sheets of the past keep it. Raises Conflict when it is off already."""
    if listed.retired_at is not None:
        raise Conflict(N_("This is off the list already."))
    if isinstance(listed, StepTemplate):
        _keeps_its_duty(listed)
    listed.retired_at = now
    db.session.flush()
    _record("retired", listed, actor=actor, now=now, facts={})


def _keeps_its_duty(step: StepTemplate) -> None:
    """No sheet is without the check of the equipment and the power (M8)."""
    if step.duty not in UNSKIPPED:
        return
    others = [one for one in house_steps(step.site_id) if one.duty == step.duty and one.id != step.id]
    if not others:
        raise DomainError(N_("Every sheet needs it: no meeting is closed before equipment and power were seen to."))


def count_stock(item: ServiceItem, *, number: int, actor: Actor, now: datetime) -> None:
    """So much lies in the store now: counted, or bought. Raises DomainError for an item that is not counted."""
    item = hold_items([item.id])[item.id]
    if item.stock is None:
        raise DomainError(N_("The store of this item is not counted."))
    if not 0 <= number <= MOST_STOCK:
        raise DomainError(N_("Enter a number from 0 to %(most)d."), field="number", most=MOST_STOCK)
    before, item.stock = item.stock, number
    db.session.flush()
    _record("counted", item, actor=actor, now=now, facts={"before": before, "number": number})


def save_template(
    template: ServiceTemplate | None,
    *,
    site_id: int,
    name: str,
    lines: Sequence[tuple[ServiceItem, int | None, int | None]],
    actor: Actor,
    now: datetime,
) -> ServiceTemplate:
    """Make a template, or change one: items with their number (None: one for each person) and refill interval."""
    _named({"name": name})
    if not lines:
        raise DomainError(N_("Choose at least one item."))
    for item, number, _every in lines:
        if number is not None and not 1 <= number <= MOST:
            raise DomainError(N_("Enter a number from 1 to %(most)d."), field=f"number_{item.ref}", most=MOST)
    kind = "changed" if template else "added"
    if template is None:
        template = ServiceTemplate(ref=new_ref(), site_id=site_id, created_at=now, name=name)
        db.session.add(template)
    template.name = name
    db.session.flush()
    db.session.execute(delete(TemplateLine).where(TemplateLine.template_id == template.id))
    db.session.add_all(
        TemplateLine(template_id=template.id, item_id=item.id, number=number, every_minutes=every)
        for item, number, every in lines
    )
    db.session.flush()
    _record(kind, template, actor=actor, now=now, facts={"name": name, "items": [item.id for item, _, _ in lines]})
    return template


def add_step(*, site_id: int, actor: Actor, now: datetime, **values: Any) -> StepTemplate:
    """Add a step to the sheets that are laid out from now on. Raises DomainError without a name."""
    _named(values)
    house_steps(site_id)
    step = StepTemplate(ref=new_ref(), site_id=site_id, code="", position=_next(StepTemplate, site_id), **values)
    db.session.add(step)
    db.session.flush()
    _record("added", step, actor=actor, now=now, facts={"name": step.name})
    return step
