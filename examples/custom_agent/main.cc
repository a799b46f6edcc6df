// tern with one agent more: every command knows `reinforce`.

#include "agents/training/factory.h"
#include "cli/program.h"
#include "reinforce.h"

int main(int argc, char** argv) {
  tern::add_agent(custom_agent::reinforce_info(), custom_agent::reinforce_maker());
  return tern::cli::run_program(argc, argv);
}
