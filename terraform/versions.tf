terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  # The state lies in a bucket and is locked there while somebody changes it. Which bucket is said at init:
  # terraform init -backend-config=environments/dev.backend.hcl (docs/to-aws.md).
  backend "s3" {
    key          = "shop.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      shop  = "shop"
      stage = var.stage
    }
  }
}
