#include "cli/process/document_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace tern::cli {
namespace {

int document_descriptor = -1;  // where standard output led; -1: it still does

/// What was written so far goes where standard output leads now, the rest to `descriptor`.
void lead_output_to(int descriptor) {
  std::cout.flush();
  std::fflush(stdout);
  dup2(descriptor, STDOUT_FILENO);
}

}  // namespace

void keep_output_for_document() {
  if (document_descriptor >= 0 || fcntl(STDERR_FILENO, F_GETFD) < 0) return;
  document_descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (document_descriptor >= 0) lead_output_to(STDERR_FILENO);
}

void print_document(const std::string& text) {
  if (document_descriptor >= 0) lead_output_to(document_descriptor);
  std::cout << text << "\n";
  if (document_descriptor >= 0) lead_output_to(STDERR_FILENO);
}

}  // namespace tern::cli
