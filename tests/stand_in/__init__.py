"""Stand-ins of the providers: a server on loopback that speaks their wire formats and misbehaves when told to.

Its answers are made up from the request and always the same; their shapes are those of the providers' references and of
recorded answers. It is a server of its own on purpose: no branch of the product knows of it.
"""
