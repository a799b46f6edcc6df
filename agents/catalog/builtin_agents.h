#pragma once
// Every built-in agent, one line each. AGENT(name) stands for the folder agents/<name>/, which
// defines
//   AgentInfo <name>_info();        in <name>_info.cc, without LibTorch
//   AgentMaker <name>_maker();      in any other file of the folder (agents/algorithm/agent_maker.h)
// They are listed to users in this order.

#define TERN_BUILTIN_AGENTS(AGENT) \
  AGENT(ppo)                       \
  AGENT(a2c)                       \
  AGENT(dqn)                       \
  AGENT(sac)                       \
  AGENT(td3)                       \
  AGENT(ddpg)                      \
  AGENT(tqc)                       \
  AGENT(crossq)
