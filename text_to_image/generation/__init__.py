"""From captions and seeds to images and their files."""
