# Installs Ratchet from the folder of a release. Not tested: the form of these files is checked, and nothing was applied.

terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
    }
  }
}

locals {
  zips = fileset(var.release, "*/*.zip")
  # The default of the template's parameter CodePrefix, which is another one in each release.
  prefix = regex("  CodePrefix:\n(?:    .*\n)*?    Default: (\\S+)\n", file("${var.release}/template.yaml"))[0]
}

resource "aws_s3_bucket" "code" {
  bucket_prefix = "${var.stack_name}-code-"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "code" {
  bucket                  = aws_s3_bucket.code.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_object" "zip" {
  for_each    = local.zips
  bucket      = aws_s3_bucket.code.id
  key         = "${local.prefix}/${each.value}"
  source      = "${var.release}/${each.value}"
  source_hash = filesha256("${var.release}/${each.value}")
}

resource "aws_s3_object" "template" {
  bucket = aws_s3_bucket.code.id
  key    = "${local.prefix}/template.yaml"
  source = "${var.release}/template.yaml"
}

resource "aws_cloudformation_stack" "ratchet" {
  name         = var.stack_name
  template_url = "https://${aws_s3_bucket.code.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
  parameters   = merge(var.parameters, { CodeBucket = aws_s3_bucket.code.id })
  depends_on   = [aws_s3_object.zip]
}
