// The launcher.

#include "cli/program.h"

int main(int argc, char** argv) { return tern::cli::run_program(argc, argv); }
