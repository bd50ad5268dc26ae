"""Who acts. Every operation is told; nothing in the domain asks a request."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from domain.errors import NotAllowed
from domain.permissions import Permission, Role, permissions_of
from domain.text import N_

ActorKind = Literal["staff", "kiosk", "visitor", "host", "system"]


@dataclass(frozen=True)
class Actor:
    """A person of the staff, a kiosk, a visitor's phone, a host behind a link, or Foyer itself.

    `grants` are (role, site id) pairs; a site id of None is every site. `site_id` is where the actor works now.
    """

    kind: ActorKind
    id: int | None = None
    name: str = ""
    site_id: int | None = None
    grants: tuple[tuple[Role, int | None], ...] = field(default=())

    def roles_at(self, site_id: int | None) -> frozenset[Role]:
        """Roles that hold at that site; of None, those that hold everywhere."""
        return frozenset(role for role, where in self.grants if where is None or where == site_id)

    @cached_property
    def here(self) -> frozenset[Permission]:
        """What the actor may do at the site where it works now."""
        return permissions_of(self.roles_at(self.site_id))

    def may(self, permission: Permission, site_id: int | None = None) -> bool:
        """Whether the permission is held at that site (default: where the actor works now)."""
        if site_id is None or site_id == self.site_id:
            return permission in self.here
        return permission in permissions_of(self.roles_at(site_id))

    def must(self, permission: Permission, site_id: int | None = None) -> None:
        """Raise `NotAllowed` unless the permission is held."""
        if not self.may(permission, site_id):
            raise NotAllowed(N_("Your role does not allow this. Ask your lead."))

    @cached_property
    def everywhere(self) -> bool:
        """Whether some role holds at every site."""
        return any(where is None for _, where in self.grants)

    @cached_property
    def site_ids(self) -> frozenset[int]:
        """Sites named by the grants."""
        return frozenset(where for _, where in self.grants if where is not None)

    @property
    def at_several_sites(self) -> bool:
        """Whether the actor may work at more than one site."""
        return self.everywhere or len(self.site_ids) > 1

    @property
    def must_choose_site(self) -> bool:
        """Whether the actor works at several sites and has not said yet at which now."""
        return self.site_id is None and bool(self.site_ids) and not self.everywhere


SYSTEM = Actor("system", name="Foyer")
