"""The stages, by platform."""
