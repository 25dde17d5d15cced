"""Slack: what people do there becomes events; what they see becomes messages, windows, the home tab."""
