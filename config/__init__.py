"""What the company has decided, and what the machine was told: loaded and checked, and never changed."""
