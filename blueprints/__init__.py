"""The rooms: find it, ask the domain, show it. A room never imports another."""
