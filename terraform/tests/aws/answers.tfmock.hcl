# What AWS would answer, where a made-up word would not do: the plan reads it, or takes it apart.

mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_region" {
  defaults = { region = "us-east-1", name = "us-east-1" }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{}" }
}

mock_resource "aws_db_instance" {
  defaults = { master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds", kms_key_id = "k", secret_status = "active" }] }
}

mock_resource "aws_db_proxy" {
  defaults = { arn = "arn:aws:rds:us-east-1:111122223333:db-proxy:prx-0123456789abcdef0", endpoint = "proxy.example" }
}

mock_resource "aws_docdb_cluster" {
  defaults = { master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:docdb", kms_key_id = "k", secret_status = "active" }] }
}

mock_resource "aws_lambda_invocation" {
  defaults = { result = "{\"value\": []}" }
}

mock_resource "aws_sesv2_email_identity" {
  defaults = { dkim_signing_attributes = { tokens = ["one", "two", "three"] } }
}

mock_resource "aws_acm_certificate" {
  defaults = { domain_validation_options = [{ domain_name = "api.shop.example", resource_record_name = "n", resource_record_type = "CNAME", resource_record_value = "v" }] }
}

mock_resource "aws_cloudformation_stack" {
  defaults = { outputs = { Name = "d-1.execute-api.us-east-1.amazonaws.com", Zone = "Z2" } }
}

mock_data "aws_cloudfront_cache_policy" {
  defaults = { id = "cache-policy" }
}

mock_data "aws_cloudfront_origin_request_policy" {
  defaults = { id = "origin-request-policy" }
}

mock_resource "aws_cloudfront_distribution" {
  defaults = { arn = "arn:aws:cloudfront::111122223333:distribution/E1", domain_name = "d1.cloudfront.net", hosted_zone_id = "Z3" }
}
