# Copy to dev.backend.hcl and prod.backend.hcl: the bucket that docs/to-aws.md has you make in each account.
bucket = "shop-state-111122223333"
region = "us-east-1"
