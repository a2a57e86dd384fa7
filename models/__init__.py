"""Complete named models."""
