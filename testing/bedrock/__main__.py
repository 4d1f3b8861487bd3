"""`python -m testing.bedrock --port N`: the stand-in until it is stopped; port 0 chooses one and says which."""

import argparse

from testing.bedrock.server import BedrockServer

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    with BedrockServer(parser.parse_args().port) as server:
        print(server.url, flush=True)  # noqa: T201
        server.serve_forever()
