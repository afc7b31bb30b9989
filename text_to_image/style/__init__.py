"""The style encoder S and style transfer (Sec. 4.4)."""
