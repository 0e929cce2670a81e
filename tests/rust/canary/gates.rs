//! Gates that read CloudWatch.
