//! Large worlds: the answers stay right, and calls grow only by pages, or by what AWS tells one at a time.

#![allow(clippy::print_stdout, reason = "figures, which belong into the log of a test run")]

mod pages;
mod rates;
mod table;
mod tour;
