"""Staff: who they are, what they may, how they sign in."""
