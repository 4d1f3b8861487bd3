"""Functions as Lambda runs them: AWS's own runtime client, the built layers, the template's handlers and variables, and
a loopback Runtime API that freezes, thaws and kills."""
