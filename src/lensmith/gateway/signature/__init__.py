"""AWS Signature Version 4 in all forms that S3 has."""
