"""`make smoke`: a deployed environment tried from its deployment to a forced alarm, and left as it was found."""
