"""Oxford Flowers-102 joined with the captions of Reed et al."""
