"""What is true in the house. Imports no Flask request; see docs/architecture.md."""
