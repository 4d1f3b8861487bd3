"""The reference: one OpenAPI document of all route groups, the page that shows it, and clients made from it."""
