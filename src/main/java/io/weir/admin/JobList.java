package io.weir.admin;

import java.util.List;

/** Jobs in short, the newest first. */
record JobList(List<Job.View> jobs) {

  static JobList of(Jobs jobs) {
    return new JobList(jobs.all().stream().map(Job::summary).toList());
  }
}
