"""Stage 2: raw data in, a verified cache of images and caption vectors out."""
