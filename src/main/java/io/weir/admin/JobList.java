package io.weir.admin;

import java.util.List;

/** Jobs as the API shows them, the newest first. */
record JobList(List<Job.View> jobs) {

  static JobList of(Jobs jobs) {
    return new JobList(jobs.all().stream().map(Job::view).toList());
  }
}
