locals {
  site  = "${var.package}/site"
  files = fileset(local.site, "**")
  types = {
    css  = "text/css; charset=utf-8"
    html = "text/html; charset=utf-8"
    js   = "text/javascript; charset=utf-8"
    json = "application/json"
    svg  = "image/svg+xml"
  }

  # The same headers as on one machine. What CloudFront knows by name is set by name, the others as they are.
  pool    = "https://cognito-idp.${var.region}.amazonaws.com"
  headers = jsondecode(templatefile("${var.package}/headers.json", { pool = local.pool }))
  known   = ["Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"]
}

# The files

# Nothing in it that could not be made again: it may be emptied and deleted.
resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18: CloudFront alone reads it, and everybody may read what it has.
  # checkov:skip=CKV_AWS_21: what is in it is in git.
  # checkov:skip=CKV_AWS_144: S3 keeps each file in three zones, and another region would take over with what is in git.
  # checkov:skip=CKV_AWS_145: what is in it is public.
  # checkov:skip=CKV2_AWS_61: Terraform deletes what is no longer a file of the site.
  # checkov:skip=CKV2_AWS_62: nobody waits for its files.

  bucket        = var.bucket
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "TheDistributionReads"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

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

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.this.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# Each version of the site lies in a folder of its own, which never changes; the page says which one is shown.
resource "aws_s3_object" "file" {
  for_each = local.files

  bucket        = aws_s3_bucket.this.id
  key           = each.value
  source        = "${local.site}/${each.value}"
  source_hash   = filesha256("${local.site}/${each.value}")
  content_type  = lookup(local.types, element(split(".", each.value), -1), "text/plain; charset=utf-8")
  cache_control = each.value == "index.html" ? "no-cache" : "public, max-age=31536000, immutable"
}

resource "aws_s3_object" "config" {
  bucket        = aws_s3_bucket.this.id
  key           = "config.json"
  content_type  = local.types.json
  cache_control = "no-cache"

  content = jsonencode({
    name          = var.shop_name
    region        = var.region
    user_pool_id  = var.user_pool_id
    client_id     = var.client_id
    pool_endpoint = "${local.pool}/"
  })
}

# The distribution: the files, and each service's API below its paths, at one address

data "aws_cloudfront_cache_policy" "files" {
  name = "Managed-CachingOptimized"
}

data "aws_cloudfront_cache_policy" "nothing" {
  name = "Managed-CachingDisabled"
}

# Tokens and idempotency keys are headers.
data "aws_cloudfront_origin_request_policy" "everything" {
  name = "Managed-AllViewerExceptHostHeader"
}

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = var.bucket
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "this" {
  # checkov:skip=CKV_AWS_259: a year, but not for names below this one: they may be somebody else's.

  name = "${var.name}-storefront"

  security_headers_config {
    content_security_policy {
      content_security_policy = local.headers["Content-Security-Policy"]
      override                = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = local.headers["X-Frame-Options"]
      override     = true
    }

    referrer_policy {
      referrer_policy = local.headers["Referrer-Policy"]
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }

  custom_headers_config {
    dynamic "items" {
      for_each = { for name, value in local.headers : name => value if !contains(local.known, name) }

      content {
        header   = items.key
        value    = items.value
        override = true
      }
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_86: each call of an API is in that API's log; files are nobody's secret.
  # checkov:skip=CKV_AWS_68: a firewall is there where the shop has one: var.waf.
  # checkov:skip=CKV2_AWS_47: the firewall before the APIs has AWS's list of known bad inputs.
  # checkov:skip=CKV_AWS_310: another region's shop would have other orders: there is nothing to fail over to.
  # checkov:skip=CKV_AWS_374: whoever may buy is not told by the country.
  # checkov:skip=CKV_AWS_174: CloudFront's own certificate sets no lower bound; a domain's does.
  # checkov:skip=CKV2_AWS_42: with a domain there is a certificate of its own: var.domain.

  comment             = "The storefront, and the shop's APIs below it"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  default_root_object = "index.html"
  price_class         = var.price_class
  aliases             = var.domain != null ? [var.domain] : []
  web_acl_id          = var.waf ? aws_wafv2_web_acl.this[0].arn : null

  origin {
    origin_id                = "files"
    domain_name              = aws_s3_bucket.this.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  dynamic "origin" {
    for_each = var.apis

    content {
      origin_id   = origin.key
      domain_name = "${origin.value.id}.execute-api.${var.region}.amazonaws.com"
      origin_path = "/${origin.value.stage}"

      custom_origin_config {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
      }

      # By this the firewall before the APIs knows that CloudFront asks: modules/edge.
      dynamic "custom_header" {
        for_each = nonsensitive(var.key != null) ? [var.key] : []

        content {
          name  = "X-Storefront-Key"
          value = custom_header.value
        }
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = "files"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.files.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.behaviours

    content {
      path_pattern             = ordered_cache_behavior.value.pattern
      target_origin_id         = ordered_cache_behavior.value.service
      viewer_protocol_policy   = "https-only"
      allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods           = ["GET", "HEAD"]
      compress                 = true
      cache_policy_id          = data.aws_cloudfront_cache_policy.nothing.id
      origin_request_policy_id = data.aws_cloudfront_origin_request_policy.everything.id
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domain == null
    acm_certificate_arn            = var.domain != null ? aws_acm_certificate_validation.this[0].certificate_arn : null
    ssl_support_method             = var.domain != null ? "sni-only" : null
    minimum_protocol_version       = var.domain != null ? "TLSv1.2_2021" : "TLSv1"
  }
}

locals {
  # A collection, and what is below it.
  behaviours = flatten([
    for service in sort(keys(var.apis)) : [
      for path in sort(var.apis[service].paths) : [
        { service = service, pattern = "/${path}" },
        { service = service, pattern = "/${path}/*" },
      ]
    ]
  ])
}

# Its name

resource "aws_acm_certificate" "this" {
  count = var.domain != null ? 1 : 0

  # Where CloudFront looks for certificates, wherever the shop is.
  region            = "us-east-1"
  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.zone_id != null
      error_message = "A domain needs its Route 53 zone: set zone_id."
    }
  }
}

resource "aws_route53_record" "validation" {
  count = var.domain != null ? 1 : 0

  zone_id = var.zone_id
  name    = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_name
  type    = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_type
  records = [one(aws_acm_certificate.this[0].domain_validation_options).resource_record_value]
  ttl     = 60
}

resource "aws_acm_certificate_validation" "this" {
  count = var.domain != null ? 1 : 0

  region                  = "us-east-1"
  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [aws_route53_record.validation[0].fqdn]
}

resource "aws_route53_record" "domain" {
  for_each = var.domain != null ? toset(["A", "AAAA"]) : []

  zone_id = var.zone_id
  name    = var.domain
  type    = each.value

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}

# Its firewall. What a request asks for is looked at before the APIs; who asks is known here only.

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV2_AWS_31: whole requests would be in its log, tokens too; the rules count in CloudWatch.
  # checkov:skip=CKV_AWS_192: the firewall before the APIs has AWS's list of known bad inputs.

  count = var.waf ? 1 : 0

  # Where CloudFront looks for firewalls, wherever the shop is.
  region      = "us-east-1"
  name        = "${var.name}-storefront"
  description = "Who may come to the storefront how often"
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "not-too-many-from-one-address"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit              = var.requests_in_five_minutes
        aggregate_key_type = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-storefront-too-many"
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "${var.name}-storefront"
    sampled_requests_enabled   = false
  }
}
