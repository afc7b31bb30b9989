"""Colors that captions name and images show."""
