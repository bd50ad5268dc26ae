"""Slips (信息传递单): one matter to be passed on and closed (C1–C3)."""
