"""What of a text a query found (`domain.grams`), for marks around it."""

from domain.grams import Piece, begins_or_ends, found, may_be_in, pieces, query_grams
from domain.spelling import Folded, Unit, compact, folded, leads, readings, starts


def highlight(query: str, text: str) -> list[tuple[bool, str]]:
    """Cut the text into (is marked, part): what of it the query found, the 汉字 behind typed pinyin included."""
    flat, marked = compact(text), set[int]()
    wanted = [piece for piece in pieces(query) if may_be_in(piece, flat)] if query_grams(query) else []
    if not wanted:
        return [(False, text)] if text else []
    if len(wanted) == 1 and wanted[0].kind == "han" and flat == text:  # nothing was folded: it stands there as typed
        before, hit, after = text.partition(wanted[0].text)
        return [part for part in ((False, before), (True, hit), (False, after)) if part[1]]
    taken = folded(text)
    for piece in wanted:
        marked.update(_places(piece, text, taken))
    parts: list[tuple[bool, str]] = []
    for place, character in enumerate(text):
        is_marked = place in marked
        if parts and parts[-1][0] == is_marked:
            parts[-1] = (is_marked, parts[-1][1] + character)
        else:
            parts.append((is_marked, character))
    return parts


def _places(piece: Piece, text: str, taken: Folded) -> set[int]:
    """Where in the text the piece was found first."""
    if piece.kind != "letters" and not found(piece, text):
        return set()
    size = len(piece.text)
    every_place = [place for unit in taken.units for place in unit.places]
    if taken.number and piece.kind != "letters":
        return set(range(every_place[-size], every_place[-1] + 1))
    if piece.kind == "han":
        first = taken.compact.index(piece.text)
        return set(every_place[first : first + size])
    if piece.kind != "letters":
        run = next(u for u in taken.units if u.kind == "digits" and begins_or_ends(piece, u.text))
        return set(run.places[-size:] if piece.kind == "number" else run.places[:size])
    for start in starts(taken.units):
        read = readings(taken.units, start)
        for lead in (len(read), *leads(len(read), start)):
            covered = _covered(piece.text, taken.units[start:], read, lead)
            if covered is not None:
                return set(covered)
    return set()


def _covered(
    rest: str, units: tuple[Unit, ...], read: list[tuple[str, ...]], lead: int, at: int = 0
) -> tuple[int, ...] | None:
    """The places that the letters spell from there on, units before `lead` in full and the others by initials."""
    if not rest:
        return ()
    if at == len(read):
        return None
    places = units[at].places
    for sound in read[at]:
        spelt = sound if at < lead else sound[0]
        if rest.startswith(spelt):
            further = _covered(rest[len(spelt) :], units, read, lead, at + 1)
            if further is not None:
                return places[: len(spelt)] + further
        elif spelt.startswith(rest):
            return places[: len(rest)]
    return None
