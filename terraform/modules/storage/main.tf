# Not to be destroyed while anything is in it, in no environment: invoices are kept by law.
resource "aws_s3_bucket" "invoices" {
  # checkov:skip=CKV_AWS_18: functions alone read it, and each download was asked for through the API, which has a log.
  # checkov:skip=CKV_AWS_144: S3 keeps each invoice in three zones, and its older versions.
  # checkov:skip=CKV_AWS_145: S3 encrypts with a key of its own; the bucket's policy and the roles say who may read.
  # checkov:skip=CKV2_AWS_62: the notification service's package has the notification.

  bucket        = var.bucket
  force_destroy = false
}

resource "aws_s3_bucket_public_access_block" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    id     = "old-invoices-are-read-seldom"
    status = "Enabled"

    filter {
      prefix = "invoices/"
    }

    transition {
      days          = 90
      storage_class = "STANDARD_IA"
    }
  }

  rule {
    id     = "what-was-replaced"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.old_version_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.invoices]
}

data "aws_iam_policy_document" "invoices" {
  # A refusal names all that it can: every action, by everybody.
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.invoices.arn, "${aws_s3_bucket.invoices.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "invoices" {
  bucket = aws_s3_bucket.invoices.id
  policy = data.aws_iam_policy_document.invoices.json

  depends_on = [aws_s3_bucket_public_access_block.invoices]
}
