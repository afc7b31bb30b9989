"""The three verbs, as functions of absl flags."""
