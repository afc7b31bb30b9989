"""The size of the images that G makes and D judges."""

IMAGE_SIZE = 64  # pixels; four stride-2 stages from 4x4 (Sec. 4.1)
