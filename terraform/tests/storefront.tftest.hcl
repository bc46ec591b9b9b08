mock_provider "aws" {
  source = "./tests/aws"
}

variables {
  name         = "shop-test"
  bucket       = "shop-storefront-test"
  region       = "eu-central-1"
  package      = "./services/storefront"
  shop_name    = "The Shop"
  user_pool_id = "eu-central-1_Abc"
  client_id    = "client"

  apis = {
    order   = { id = "o1", stage = "api", paths = ["orders"] }
    product = { id = "p1", stage = "api", paths = ["categories", "products"] }
  }
}

run "at_a_name_of_its_own_behind_a_firewall" {
  command = apply

  module {
    source = "./modules/storefront"
  }

  variables {
    domain  = "shop.example"
    zone_id = "Z1"
    waf     = true
    key     = "0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = output.address == "https://shop.example/" && toset([for record in aws_route53_record.domain : record.type]) == toset(["A", "AAAA"])
    error_message = "The domain leads to the distribution, over IPv6 too."
  }

  assert {
    condition     = aws_acm_certificate.this[0].region == "us-east-1" && aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
    error_message = "TLS is 1.2 at least, by a certificate where CloudFront looks for it."
  }

  assert {
    condition     = aws_wafv2_web_acl.this[0].scope == "CLOUDFRONT" && aws_wafv2_web_acl.this[0].region == "us-east-1"
    error_message = "The firewall is where CloudFront looks for it."
  }

  assert {
    condition     = alltrue([for origin in aws_cloudfront_distribution.this.origin : one(origin.custom_header).name == "X-Storefront-Key" if origin.origin_id != "files"])
    error_message = "The firewall before the APIs knows the distribution."
  }
}

run "at_the_name_that_cloudfront_gives" {
  command = apply

  module {
    source = "./modules/storefront"
  }

  variables {
    waf = false
  }

  assert {
    condition     = output.address == "https://d1.cloudfront.net/" && length(aws_acm_certificate.this) == 0 && length(aws_wafv2_web_acl.this) == 0
    error_message = "Without a domain and a firewall there is nothing to pay for that nobody asks for."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "The bucket is private."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : one(statement.condition).values if statement.sid == "TheDistributionReads"] == [tolist([aws_cloudfront_distribution.this.arn])]
    error_message = "The distribution alone reads it."
  }

  assert {
    condition     = [for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : "${behaviour.path_pattern} ${behaviour.target_origin_id}"] == ["/orders order", "/orders/* order", "/categories product", "/categories/* product", "/products product", "/products/* product"]
    error_message = "Each path of an API, and what is below it, leads to its service."
  }

  assert {
    condition     = toset([for origin in aws_cloudfront_distribution.this.origin : "${origin.domain_name}${origin.origin_path}" if origin.origin_id != "files"]) == toset(["o1.execute-api.eu-central-1.amazonaws.com/api", "p1.execute-api.eu-central-1.amazonaws.com/api"])
    error_message = "A service is asked at its own address, in its stage."
  }

  assert {
    condition     = strcontains(aws_cloudfront_response_headers_policy.this.security_headers_config[0].content_security_policy[0].content_security_policy, "connect-src 'self' https://cognito-idp.eu-central-1.amazonaws.com;") && aws_cloudfront_response_headers_policy.this.security_headers_config[0].strict_transport_security[0].access_control_max_age_sec >= 31536000
    error_message = "Pages speak to their own address and to the pool, and to them over TLS only."
  }

  assert {
    condition     = toset([for header in one(aws_cloudfront_response_headers_policy.this.custom_headers_config).items : header.header]) == toset(["Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy"])
    error_message = "Every header of storefront/headers.json is sent."
  }

  assert {
    condition     = [for file in aws_s3_object.file : file.key if file.cache_control == "no-cache"] == ["index.html"] && aws_s3_object.file["index.html"].content_type == "text/html; charset=utf-8"
    error_message = "What may change is asked for each time, all else is kept."
  }

  assert {
    condition     = jsondecode(aws_s3_object.config.content) == { name = "The Shop", region = "eu-central-1", user_pool_id = "eu-central-1_Abc", client_id = "client", pool_endpoint = "https://cognito-idp.eu-central-1.amazonaws.com/" }
    error_message = "The page is told where it is."
  }
}

run "without_a_package" {
  command = plan

  module {
    source = "./modules/storefront"
  }

  variables {
    waf     = false
    package = "./modules"
  }

  expect_failures = [var.package]
}
