"""Wishes of people, from any surface, as commands; and the one record they change."""
