"""What is done to templates."""

from templates.services.save_template import create_template, save_template

__all__ = ["create_template", "save_template"]
