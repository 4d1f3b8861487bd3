"""Say which AWS account and region the caller's credentials reach, or in a sentence what is missing, before anything is
built for them (`make diff`, `make deploy`, `make destroy`)."""

import sys
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

PATIENCE: Final = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 2})
REGION: Final = "No AWS region is set: set AWS_REGION, or `region` in the profile that AWS_PROFILE names."
CREDENTIALS: Final = "No AWS credentials were found: sign in (`aws sso login`), or set AWS_PROFILE."


def main() -> int:
    """Print account and region; returns the exit code."""
    try:
        client: Any = boto3.client("sts", config=PATIENCE)
        account = client.get_caller_identity()["Account"]
    except NoRegionError:
        return _refuse(REGION)
    except NoCredentialsError:
        return _refuse(CREDENTIALS)
    except (BotoCoreError, ClientError) as error:
        return _refuse(f"AWS does not take these credentials: {error}")
    print(f"Account {account}, region {client.meta.region_name}")
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
