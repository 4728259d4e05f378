/* SPDX-License-Identifier: ISC */
/*
 * action_steps: one action after the other. There is nothing to do here: the steps are the run's
 * own list of actions, and run_advance() goes through any run's list.
 */
#include "worker/run.h"

const struct action_ops action_steps = {.start = NULL};
